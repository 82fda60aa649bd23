"""The five ad platforms and the ECB on this machine, as their documentation and tests/sync_samples have them.

A real HTTP server at the outermost edge of the network, with a ledger of its own: what the database must
equal to the cent. It can be slow, broken, throttled and forgetful in each platform's own way, and changes its
mind about past days.
"""
