"""Electronic signatures: render, sign, store, mark; and what anybody may verify afterwards.

`signing.process.sign` is the way in for every DocType: licences, letters, whatever is printed and signed.
"""
