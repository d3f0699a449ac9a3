"""Makes the Python half speak a protocol version that does not exist: what a skewed installation looks like."""

import anant_bridge.version

anant_bridge.version.PROTOCOL_VERSION = 9_999
