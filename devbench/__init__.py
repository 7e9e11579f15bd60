"""The development bench: everything behind `./sinjai`. Standard library only, so that it runs anywhere."""
