"""What used things sell for, learned from tables of sales and offers. Pure: no database, no clock, no Django.

* ``table``: rows of text with a header, and what kind each column is;
* ``encoding``: columns to numbers;
* ``learning``: several candidates, judged by cross-validation, their blend, and a band that covers what it says;
* ``scoring``: the figures by which a model is judged.

``learning`` and ``encoding`` load scikit-learn (some 100 MB): only jobs and commands import them, never a page.
"""
