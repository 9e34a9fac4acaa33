package labeler.guard.relay;

import java.util.List;
import java.util.Optional;
import labeler.guard.wire.GatheredBytes;
import labeler.guard.wire.QmpDecoder;

/** The bytes of a command that has not come whole: another process has to read them again. */
final class PartialCommand {
    private final GatheredBytes bytes = new GatheredBytes();
    private long position;
    private boolean isTooLong;

    /** @param whole what these bytes have completed */
    void add(byte[] arrived, List<QmpDecoder.Decoded> whole) {
        int begin = 0;
        if (!whole.isEmpty()) {
            begin = Math.toIntExact(whole.getLast().end() - position);
            bytes.forget();
            isTooLong = false;
        }
        position += arrived.length;
        while (bytes.size() == 0 && begin < arrived.length && isBlank(arrived[begin])) {
            begin++;
        }
        if (bytes.size() + arrived.length - begin > QmpDecoder.MOST_BYTES) {
            isTooLong = true;
            bytes.forget();
        } else if (!isTooLong) {
            bytes.add(arrived, begin, arrived.length - begin);
        }
    }

    /** The memory that it takes. */
    long weight() {
        return bytes.weight();
    }

    /** As JSON has it between values. */
    private static boolean isBlank(byte one) {
        return one == ' ' || one == '\t' || one == '\r' || one == '\n';
    }

    /** Empty if there are too many. */
    Optional<byte[]> bytes() {
        return isTooLong ? Optional.empty() : Optional.of(bytes.all());
    }
}
