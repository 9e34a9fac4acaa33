package labeler.chain.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Random changes of the kinds that break parsers: numbers at their limits, text in place of numbers, moved ends. */
final class Mutation {
    private static final long[] NUMBERS = {
        0, 1, 2, 3, 4, 8, 9, 63, 64, 72, 104, 511, 512, 513, 1023, 1024, 4095, 4096, 65535, 65536, 1 << 20, -1, -2, -512
    };
    private static final List<String> TEXTS = List.of(
            "a",
            "b",
            "../b",
            "json:{}",
            "nbd:x",
            "file:",
            "raw",
            "qcow2",
            "RW 1 FLAT \"b\" 0\n",
            "parentFileNameHint=\"c\"",
            "createType=\"monolithicFlat\"\n",
            "\0",
            "\n\n\n",
            "\"",
            "\u001b[2J",
            "/");
    private static final int MOST_CHANGES = 6;

    private final Random random;

    Mutation(Random random) {
        this.random = random;
    }

    byte[] of(byte[] seed) {
        byte[] input = seed.clone();
        int changes = 1 + random.nextInt(MOST_CHANGES);
        for (int i = 0; i < changes && input.length > 0; i++) {
            input = change(input);
        }
        return input;
    }

    private byte[] change(byte[] input) {
        int position = random.nextInt(input.length);
        switch (random.nextInt(8)) {
            case 0 -> input[position] = (byte) random.nextInt(256);
            case 1 -> input[position] ^= (byte) (1 << random.nextInt(8));
            case 2, 3 -> putNumber(input, position);
            case 4 ->
                put(input, position, TEXTS.get(random.nextInt(TEXTS.size())).getBytes(StandardCharsets.US_ASCII));
            case 5 -> put(input, random.nextInt(input.length), Arrays.copyOfRange(input, position, input.length));
            case 6 -> Arrays.fill(input, position, Math.min(input.length, position + random.nextInt(64)), (byte) 0);
            default -> {
                return random.nextInt(4) == 0 ? Arrays.copyOf(input, position) : input;
            }
        }
        return input;
    }

    private void putNumber(byte[] input, int position) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)] << (random.nextInt(6) == 0 ? 31 : 0);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES)
                .order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        int width = 1 << random.nextInt(4);
        switch (width) {
            case 1 -> bytes.put(0, (byte) number);
            case 2 -> bytes.putShort(0, (short) number);
            case 4 -> bytes.putInt(0, (int) number);
            default -> bytes.putLong(0, number);
        }
        // Fields lie at multiples of their width.
        put(input, position / width * width, Arrays.copyOf(bytes.array(), width));
    }

    private static void put(byte[] input, int position, byte[] bytes) {
        System.arraycopy(bytes, 0, input, position, Math.min(bytes.length, input.length - position));
    }
}
