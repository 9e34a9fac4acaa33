package labeler.chain.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A VHDX file out of a short input, and back: its tables lie up to a megabyte apart, which no fuzzer would bridge. The
 * pieces follow each other in the input; the rest of it are the items of the metadata.
 */
final class ScatteredInput {
    private static final int REGION = 1 << 20;
    private static final int SIZE = REGION + (1 << 17) + (1 << 16);

    private record Piece(int position, int length) {}

    private static final Piece[] PIECES = {
        new Piece(0, 64),
        new Piece(192 << 10, 256),
        new Piece(256 << 10, 256),
        new Piece(REGION, 512),
        new Piece(REGION + (1 << 16), 1 << 16),
    };

    private ScatteredInput() {}

    static byte[] image(byte[] input) {
        byte[] image = new byte[SIZE];
        int from = 0;
        for (Piece piece : PIECES) {
            int length = Math.min(piece.length(), input.length - from);
            System.arraycopy(input, from, image, piece.position(), length);
            from += length;
        }
        return image;
    }

    /** The input for an image whose items take at most this many bytes. */
    static byte[] input(ByteBuffer image, int items) {
        ByteBuffer input = ByteBuffer.allocate(SIZE);
        for (Piece piece : PIECES) {
            input.put(image.slice(piece.position(), Math.min(piece.length(), image.limit() - piece.position())));
        }
        int beforeItems = Arrays.stream(PIECES).mapToInt(Piece::length).sum() - PIECES[PIECES.length - 1].length();
        return Arrays.copyOf(input.array(), beforeItems + items);
    }
}
