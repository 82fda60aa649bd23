"""What is put where: each function as a folder of its own, and what stands before them."""
