"""What a stack consists of, one module or folder each, and where its programs are found."""
