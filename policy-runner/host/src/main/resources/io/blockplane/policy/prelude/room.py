# The prelude: runs in every policy's interpreter before the policy's own code, file by file, and
# binds what a policy can see of the machine to the decision: its clock is the decision's logical
# time, its randomness comes from the decision's place in the log. A second run of the same calls
# sees the same things.
#
# Four rules of these files:
# * Each has one function, prepare(room). What one prepares for the others it leaves in the room;
#   what it needs of the room it binds to local names, so that nothing holds on to the room.
# * A patched function is a functools.partial. A plain function stored on a class (logging does
#   so with time.localtime) would turn into a method.
# * A module is patched before anything imports names from it.
# * Whatever is used after the policy's code has been loaded is bound to a local name, so that a
#   policy that patches modules itself changes its own world only.


def prepare(
    read_metrics,
    exchange,
    max_output_chars,
    max_depth,
    max_int_bits,
    max_metrics_reads,
    max_state_chars,
):
    import sys

    # A native datetime would not follow the patched clock; the one in Python does.
    sys.modules["_datetime"] = None

    class Room:
        pass

    room = Room()
    room.read_metrics = read_metrics
    room.exchange = exchange
    room.max_output_chars = max_output_chars
    room.max_depth = max_depth
    room.max_int_bits = max_int_bits
    room.max_metrics_reads = max_metrics_reads
    room.max_state_chars = max_state_chars
    return room
