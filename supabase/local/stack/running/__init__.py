"""Keeping programs running: processes and who supervises them, ports, the account, the lock."""
