package labeler.chain.testing;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes images that qemu-img reads and cannot make, for the bench.
 *
 * <pre>WriteImages DIRECTORY    makes bochs, cloop and dmg in it</pre>
 */
public final class WriteImages {
    private WriteImages() {}

    public static void main(String... arguments) throws IOException {
        var _ = new ImageDirectory(Path.of(arguments[0]).toRealPath())
                .write("bochs", OtherImages.bochs())
                .write("cloop", OtherImages.cloop())
                .write("dmg", OtherImages.dmgWithBlocks());
    }
}
