"""Resources that the tests share; an application scans all of them, or only those that its tests need.

Each makes it slower: an application of notes alone is made in a third of the time of one with all.
"""
