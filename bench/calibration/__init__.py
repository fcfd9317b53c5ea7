"""What every metric must show on damage that is known: ladders, measurement, rule, pages."""
