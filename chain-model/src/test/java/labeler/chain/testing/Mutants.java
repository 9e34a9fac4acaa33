package labeler.chain.testing;

import java.nio.ByteBuffer;
import java.util.Random;

/** Honest qcow2 headers with a few fields or bytes changed. */
public final class Mutants {
    private static final int[] FIELDS = {4, 8, 12, 16, 20, 24, 32, 36, 40, 56, 60, 72, 76, 80, 88, 96, 100, 104};
    private static final int[] VALUES = {0, 1, 2, 3, 4, 8, 9, 72, 104, 112, 511, 512, 65535, 65536, -1, 1 << 31};
    private static final int SPAN = 240;

    private Mutants() {}

    public static byte[] of(Random random) {
        Qcow2Builder builder = random.nextInt(4) == 0 ? Qcow2Builder.v2() : Qcow2Builder.v3();
        builder.clusterBits(random.nextBoolean() ? 16 : 9).backing("some/base").backingFormat("qcow2");
        if (random.nextBoolean()) {
            builder.dataFile("data");
        }
        byte[] image = builder.build();
        ByteBuffer bytes = ByteBuffer.wrap(image);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            switch (random.nextInt(4)) {
                case 0 -> image[random.nextInt(SPAN)] = (byte) random.nextInt(256);
                case 1 -> image[random.nextInt(SPAN)] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes.putInt(random.nextInt(SPAN), VALUES[random.nextInt(VALUES.length)]);
                default -> bytes.putInt(FIELDS[random.nextInt(FIELDS.length)], VALUES[random.nextInt(VALUES.length)]);
            }
        }
        return image;
    }
}
