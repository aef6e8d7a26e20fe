"""The API for programs: tokens with scopes, the same answer for the same key, a description that works offline.

Slices contribute operations (``Slice.api``) and their routes; nothing here knows what they do.
"""
