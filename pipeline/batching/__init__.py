"""Which instances of each study to take, packed into batches: the plan of a run."""
