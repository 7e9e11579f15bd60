"""Signing: what comes out, who may, and what is never kept."""
from sinjai_services.signing import records

def test_first(request_to_sign, sign):
	record = sign(request_to_sign)
	open("/tmp/mkh/out.pdf","wb").write(records.content_of(record))
	print(record.as_dict())
