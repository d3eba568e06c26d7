"""The job worker of a Connector pod: activates jobs, runs connector functions, tells Zeebe how each job ended."""
