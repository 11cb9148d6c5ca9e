"""The run's words as frozen values. Standard library only: every other package may import this one."""
