"""The reference of the API figures: what bare Django REST framework does on the same server, without ledger, guards or access."""
