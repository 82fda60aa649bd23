"""The inline scripts that a stored page may carry, as the hashes that its Content-Security-Policy allows.

A version's bytes outlive the template that made them, so hashes are added here and never removed. They are
listed, not computed from the page that is served: a hash computed from the page would allow an injected
script as well. A test compares the list with the template.
"""

SCRIPT_HASHES = ("sha256-xUjY0C2G1unAYycLPt0EttnBat6tvPDrP6ZfT7Y707A=",)
