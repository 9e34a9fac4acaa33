package labeler.chain.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.VmdkBuilder;

/**
 * A random chain: all formats that qemu opens, names in all spellings, formats that are right, missing or wrong, data
 * files, extents, links, loops.
 */
final class RandomChain {
    private static final int MOST_LAYERS = 7;
    private static final int MOST_LAYERS_OF_SOME = 40;
    private static final int LONG_NAME = 200;
    private static final List<String> DIRECTORIES = List.of("", "a/", "a/b/", "link/", "link/../");

    /** For qcow2, which records a format, and for formats that have no place for it or only for one. */
    private static final List<String> OVERLAYS = List.of("qcow2", "qcow2", "qcow2", "qcow2", "qcow2", "qcow2", "vmdk");

    private static final List<String> BASES = List.of(
            "raw", "raw", "raw", "qcow2", "qcow2", "vmdk", "flat", "flat", "split", "qed", "qcow", "vdi", "bochs",
            "vpc");

    private final ImageDirectory images;
    private final Random random;

    RandomChain(ImageDirectory images, Random random) {
        this.images = images;
        this.random = random;
    }

    /**
     * An image.
     *
     * @param format by qemu's name
     */
    record Layer(String name, String format) {}

    /** Writes it and returns its top. */
    Layer write() {
        try {
            Files.createDirectories(images.path("a/b"));
            Files.createSymbolicLink(images.path("link"), Path.of("a/b"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int layers = random.nextInt(chance(5) ? MOST_LAYERS_OF_SOME : MOST_LAYERS);
        Layer below = base("base");
        for (int layer = 0; layer < layers; layer++) {
            below = linked(overlay(name("layer" + layer), below));
        }
        return below;
    }

    private String name(String stem) {
        return pick(DIRECTORIES) + (chance(3) ? stem.repeat(LONG_NAME / stem.length()) : stem);
    }

    private Layer base(String stem) {
        String name = name(stem);
        String kind = pick(BASES);
        return switch (kind) {
            case "qcow2" -> qcow2(name, new Layer("", ""));
            case "vmdk" -> written(name, "vmdk", OtherImages.bytes(VmdkBuilder.sparseFile()));
            case "flat" -> extents(name, VmdkBuilder.descriptor("monolithicFlat"), 1);
            case "split" -> extents(name, VmdkBuilder.descriptor("twoGbMaxExtentSparse"), 1 + random.nextInt(4));
            case "qed" -> written(name, kind, OtherImages.bytes(OtherImages.qed(0, "")));
            case "qcow" -> written(name, kind, OtherImages.bytes(OtherImages.qcow("")));
            case "vdi" -> written(name, kind, OtherImages.bytes(OtherImages.vdi(1)));
            case "bochs" -> written(name, kind, OtherImages.bytes(OtherImages.bochs()));
            case "vpc" -> written(name, kind, OtherImages.bytes(OtherImages.vhd(3, "")));
            default -> written(name, "raw", new byte[4096]);
        };
    }

    /** Parts of a VMDK are beside its descriptor, or at an absolute name. */
    private Layer extents(String name, VmdkBuilder descriptor, int count) {
        for (int i = 0; i < count; i++) {
            String part = name.substring(0, name.lastIndexOf('/') + 1) + "part" + i;
            boolean flat = count == 1;
            images.write(part, flat ? new byte[1 << 20] : OtherImages.bytes(VmdkBuilder.sparseFile()));
            String spelled = switch (random.nextInt(4)) {
                case 0 -> images.path() + "/" + part;
                case 1 -> "./part" + i;
                default -> "part" + i;
            };
            descriptor = flat ? descriptor.flat(spelled) : descriptor.sparse(spelled);
        }
        return written(name, "vmdk", descriptor.build());
    }

    private Layer overlay(String name, Layer below) {
        String spelled =
                chance(4) ? pick(List.of("nowhere", name, "./" + fileName(name))) : spelled(name, below.name());
        if (below.format().equals("raw") && chance(20)) {
            return written(name, "qed", OtherImages.bytes(OtherImages.qed(5, spelled)));
        }
        if (chance(2)) {
            // These cannot record the format of their backing file.
            return chance(50)
                    ? written(name, "qed", OtherImages.bytes(OtherImages.qed(1, spelled)))
                    : written(name, "qcow", OtherImages.bytes(OtherImages.qcow(spelled)));
        }
        if (pick(OVERLAYS).equals("vmdk") && (below.format().equals("vmdk") || chance(5))) {
            String text =
                    VmdkBuilder.descriptor("monolithicSparse").parent(spelled).text();
            return written(name, "vmdk", OtherImages.bytes(VmdkBuilder.sparseFile(text)));
        }
        return qcow2(name, new Layer(spelled, below.format()));
    }

    private Layer qcow2(String name, Layer backing) {
        Qcow2Builder image = random.nextInt(4) == 0 ? Qcow2Builder.v2() : Qcow2Builder.v3();
        // With smaller clusters the run writes fewer bytes.
        image.clusterBits(List.of(9, 9, 12, 16).get(random.nextInt(4)));
        boolean formatFirst = random.nextBoolean();
        boolean hasBacking = !backing.name().isEmpty();
        if (hasBacking) {
            image.backing(backing.name());
            if (formatFirst) {
                recordFormat(image, backing.format());
            }
        }
        if (chance(20)) {
            image.extension(0x0badcafe, new byte[random.nextInt(40)]);
        }
        if (chance(15)) {
            addDataFile(image);
        }
        if (hasBacking && !formatFirst) {
            recordFormat(image, backing.format());
        }
        return written(name, "qcow2", image.build());
    }

    private void recordFormat(Qcow2Builder image, String format) {
        if (chance(10)) {
            image.backingFormat(pick(List.of("qcow2", "raw", "", "QCOW2")));
        }
        if (!chance(2)) {
            image.backingFormat(format);
        }
    }

    private void addDataFile(Qcow2Builder image) {
        String name = "data" + random.nextInt(3);
        if (!chance(5)) {
            images.raw(name);
        }
        switch (random.nextInt(4)) {
            case 0 -> image.dataFile(images.path(name).toString());
            case 1 -> image.dataFile("./" + name);
            case 2 -> image.extension(Qcow2Builder.DATA_FILE, name.getBytes(StandardCharsets.US_ASCII));
            default -> image.dataFile(name);
        }
    }

    /** The same image through a link to it; its relative names are then relative to the link. */
    private Layer linked(Layer layer) {
        if (!chance(4)) {
            return layer;
        }
        String link = "to-" + fileName(layer.name());
        try {
            Files.createSymbolicLink(
                    images.path(link), images.path(layer.name()).toRealPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Layer(link, layer.format());
    }

    /** One of many names for {@code target} in the header of {@code overlay}. */
    private String spelled(String overlay, String target) {
        if (chance(2)) {
            // Relative to the directory of the qemu process.
            return "file:" + target;
        }
        return switch (random.nextInt(7)) {
            case 0 -> images.path(target).toString();
            case 1 -> "./" + up(overlay) + target;
            case 2 -> "file:" + images.path(target);
            case 3 -> images.path() + "//a/b/../../" + target;
            case 4 -> "file://" + images.path(target);
            case 5 -> json(images.path(target));
            default -> up(overlay) + target;
        };
    }

    /**
     * Also in single quotes, which VMDK can hold; with a right, missing or wrong format, or such that only qemu follows
     * it.
     */
    private String json(Path target) {
        String file = chance(50)
                ? "'file':{'driver':'file','filename':'" + target + "'}"
                : "'file.filename':'" + target + "'";
        return switch (random.nextInt(5)) {
            case 0 -> "json:{" + file + "}";
            case 1 -> "json:{'driver':'raw'," + file + "}";
            case 2 -> "json:{" + file + ",'driver':'qcow2','read-only':true}";
            default -> "json:{ 'driver' : 'qcow2'," + file + "}";
        };
    }

    /** The path up from an image's directory, as the kernel resolves it: link/.. is a, not the top. */
    private static String up(String overlay) {
        if (overlay.startsWith("a/b/") || (overlay.startsWith("link/") && !overlay.startsWith("link/../"))) {
            return "../../";
        }
        return overlay.contains("/") ? "../" : "";
    }

    private Layer written(String name, String format, byte[] content) {
        images.write(name, content);
        return new Layer(name, format);
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
