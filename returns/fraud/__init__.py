"""How closely a return has to be looked at: points from 0 to 100, each with the signal that gave it. Pure; nothing is decided here.

``rules`` is the kind of rules that says which signals there are and what each counts, ``scoring`` adds them up, ``people`` makes the
keyed digests by which accounts are compared without keeping what they were made of. A score never refuses anything: it asks for a
person, or for an inspection before money moves, and a person decides.
"""
