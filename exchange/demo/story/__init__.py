"""The story as plain frozen data. Every company, person, product and figure in it is fictional.

The figures are the size real ones would have, and balance: what one company receives another delivered.
"""
