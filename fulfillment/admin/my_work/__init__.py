"""My work: what each role has to do now, on the page where a person lands."""
