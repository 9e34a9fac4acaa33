package labeler.chain.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.Qcow2Builder;

/** A chain of chance: names in all spellings, formats told, untold and lied about, data files, links, loops. */
final class RandomChain {
    private static final int MOST_LAYERS = 7;
    private static final List<String> DIRECTORIES = List.of("", "a/", "a/b/", "link/");

    private final ImageDirectory images;
    private final Random random;

    RandomChain(ImageDirectory images, Random random) {
        this.images = images;
        this.random = random;
    }

    /** Writes it and returns the name of its top. */
    String write() {
        try {
            Files.createDirectories(images.path("a/b"));
            Files.createSymbolicLink(images.path("link"), Path.of("a/b"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int layers = 1 + random.nextInt(MOST_LAYERS);
        String below = "";
        String format = "raw";
        String name = "";
        for (int layer = layers; layer >= 0; layer--) {
            name = pick(DIRECTORIES) + "layer" + layer;
            boolean bottom = layer == layers;
            if (bottom && random.nextBoolean()) {
                images.raw(name);
                format = "raw";
            } else {
                images.write(name, image(name, below, format));
                format = "qcow2";
            }
            below = name;
        }
        return format.equals("qcow2") ? name : top(name);
    }

    private String top(String base) {
        images.write("top", image("top", base, "raw"));
        return "top";
    }

    private Qcow2Builder image(String name, String below, String format) {
        Qcow2Builder image = random.nextInt(4) == 0 ? Qcow2Builder.v2() : Qcow2Builder.v3();
        image.clusterBits(List.of(9, 12, 16, 16).get(random.nextInt(4)));
        boolean formatFirst = random.nextBoolean();
        if (!below.isEmpty()) {
            image.backing(chance(20) ? pick(List.of("nowhere", name, "./" + fileName(name))) : spelled(name, below));
            if (formatFirst) {
                recordFormat(image, format);
            }
        }
        if (chance(20)) {
            image.extension(0x0badcafe, new byte[random.nextInt(40)]);
        }
        if (chance(25)) {
            addDataFile(image);
        }
        if (!below.isEmpty() && !formatFirst) {
            recordFormat(image, format);
        }
        return image;
    }

    private void recordFormat(Qcow2Builder image, String format) {
        if (chance(10)) {
            image.backingFormat(pick(List.of("qcow2", "raw", "", "QCOW2")));
        }
        if (!chance(5)) {
            image.backingFormat(format);
        }
    }

    private void addDataFile(Qcow2Builder image) {
        String name = "data" + random.nextInt(3);
        if (!chance(10)) {
            images.raw(name);
        }
        switch (random.nextInt(4)) {
            case 0 -> image.dataFile(images.path(name).toString());
            case 1 -> image.dataFile("./" + name);
            case 2 -> image.extension(Qcow2Builder.DATA_FILE, name.getBytes(StandardCharsets.US_ASCII));
            default -> image.dataFile(name);
        }
    }

    /** One of many names for {@code target} in the header of {@code overlay}. */
    private String spelled(String overlay, String target) {
        String up = overlay.startsWith("a/b/") || overlay.startsWith("link/") ? "../../" : "../";
        String relative = overlay.contains("/") ? up + target : target;
        return switch (random.nextInt(6)) {
            case 0 -> images.path(target).toString();
            case 1 -> "./" + relative;
            case 2 -> "file:" + images.path(target);
            case 3 -> images.path() + "//a/b/../../" + target;
            case 4 -> "file://" + images.path(target);
            default -> relative;
        };
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static String fileName(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }
}
