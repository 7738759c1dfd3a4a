"""Values of Python as JSON that loses nothing: numbers as text, bytes as hexadecimal digits, maps as pairs."""
import datetime
import decimal


def plain(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, datetime.datetime):
        # Spark gives moments without their zone, in that of the process (TZ is UTC).
        return value.replace(tzinfo=None).isoformat(" ", "microseconds") + "+00"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if hasattr(value, "asDict"):
        return {name: plain(one) for name, one in value.asDict().items()}
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    return [plain(one) for one in value]
