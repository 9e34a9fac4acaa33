package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;

/** Images with a few random bytes changed, in the parts that the parsers read. */
class DamagedImagesTest extends ImagesTest {
    @Test
    void no_damage_to_a_vmdk_throws() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("DamagedImagesTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        byte[] text = VmdkBuilder.descriptor("twoGbMaxExtentSparse")
                .sparse("x")
                .flat("y")
                .parent("z")
                .build();
        ByteBuffer sparse = VmdkBuilder.sparseFile(new String(text, StandardCharsets.ISO_8859_1));
        for (int i = 0; i < 1000; i++) {
            byte[] image = text.clone();
            if (random.nextBoolean()) {
                image = new byte[4096];
                sparse.get(0, image);
                image[12] = (byte) random.nextInt(2);
                image[13] = 0;
            }
            for (int change = 0; change < 3; change++) {
                image[random.nextInt(text.length)] = (byte) random.nextInt(256);
            }
            images().write("image", Arrays.copyOf(image, random.nextInt(4) == 0 ? 200 : image.length));
            try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VMDK)) {
                assertThat(chain.nodes()).as("seed %d, image %d", seed, i).isNotEmpty();
            }
        }
    }

    @Test
    void no_damage_to_any_image_throws() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("DamagedImagesTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        ByteBuffer[] whole = {
            OtherImages.qcow("base"),
            OtherImages.qed(5, "base"),
            OtherImages.vdi(4),
            OtherImages.vhdLocator(OtherImages.vhd(4, "p"), 0, "W2ru", "parent"),
            OtherImages.vhdx(true, "relative_path", "p", "volume_path", "q"),
            OtherImages.parallels("WithoutFreeSpace"),
            OtherImages.luks(1, 8),
            OtherImages.bochs(),
            OtherImages.cloop(),
            OtherImages.dmg()
        };
        ImageFormat[] formats = {
            ImageFormat.QCOW, ImageFormat.QED, ImageFormat.VDI, ImageFormat.VPC, ImageFormat.VHDX,
            ImageFormat.PARALLELS, ImageFormat.LUKS, ImageFormat.BOCHS, ImageFormat.CLOOP, ImageFormat.DMG
        };
        int[][] places = {
            {0},
            {0},
            {0},
            {0, 512, 1088},
            {192 << 10, 1 << 20, (1 << 20) + 65536, (1 << 20) + 66048},
            {0},
            {0},
            {0},
            {0},
            {1536}
        };
        for (int i = 0; i < 2000; i++) {
            int kind = random.nextInt(formats.length);
            byte[] image = new byte[whole[kind].limit()];
            whole[kind].get(0, image);
            for (int change = 0; change < 3; change++) {
                int place = places[kind][random.nextInt(places[kind].length)];
                image[place + random.nextInt(128)] = (byte) random.nextInt(256);
            }
            images().write(
                            "image",
                            random.nextInt(4) == 0 ? Arrays.copyOf(image, random.nextInt(image.length)) : image);
            try (Chain<DirectoryOpener.OpenedFile> chain = walk(formats[kind])) {
                assertThat(chain.nodes()).as("seed %d, image %d", seed, i).isNotEmpty();
            }
        }
    }

    private Chain<DirectoryOpener.OpenedFile> walk(ImageFormat format) {
        return images().walk(ImageDirectory.request("image", new ImageRequest.Declared(format)));
    }
}
