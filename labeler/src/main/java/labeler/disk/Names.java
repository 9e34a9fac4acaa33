package labeler.disk;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Names for nodes and jobs that nobody else has. Those that begin with {@code labeler-} are the guard's. */
public record Names(String suffix) {
    private static final int BYTES = 6;

    public static Names random(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new Names(HexFormat.of().formatHex(bytes));
    }

    /** At most 31 characters, as qemu wants of a node's name. */
    String node() {
        return "disk-" + suffix;
    }

    String job(String word) {
        return "disk-" + word + "-" + suffix;
    }
}
