"""The durable record of runs, batches and operations: objects under --work_dir, each written with a precondition.

It is the record of the run and identifies patients' studies (filter files and audit rows hold UIDs): protect it
like the source store.
"""
