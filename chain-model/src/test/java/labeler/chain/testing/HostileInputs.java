package labeler.chain.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;

/**
 * Images that need as much time and memory as their formats allow: long lists, long names, deep chains, files that name
 * each other. Each is in a directory of its own.
 */
public final class HostileInputs {
    /** The longest path that Linux opens, without a long component. */
    private static final int LONGEST_PATH = 4095;

    private static final int MEBIBYTE = 1 << 20;
    private static final int LAYERS = 205;
    private static final int PARTS = 500;
    private static final String LIST = "inputs";
    private static final String SPLIT = "twoGbMaxExtentSparse";

    private final ImageDirectory images;
    private final List<Input> inputs = new ArrayList<>();

    private HostileInputs(ImageDirectory images) {
        this.images = images;
    }

    /** An image to walk from. */
    public record Input(String name, ImageRequest.FormatChoice format) {
        private static final String DETECTED = "detected";

        private String line() {
            return name + "\t"
                    + (format instanceof ImageRequest.Declared declared
                            ? declared.format().driver()
                            : DETECTED);
        }

        private static Input of(String line) {
            String[] words = line.split("\t", -1);
            return new Input(
                    words[0],
                    words[1].equals(DETECTED)
                            ? new ImageRequest.Detect()
                            : new ImageRequest.Declared(
                                    ImageFormat.ofName(words[1]).orElseThrow()));
        }
    }

    /** Writes all below a directory, and a list of them for another process. */
    public static List<Input> write(ImageDirectory images) {
        HostileInputs inputs = new HostileInputs(images);
        inputs.headers();
        inputs.texts();
        inputs.names();
        inputs.chains();
        images.write(
                LIST,
                inputs.inputs.stream()
                        .map(Input::line)
                        .collect(Collectors.joining("\n"))
                        .getBytes(StandardCharsets.US_ASCII));
        return List.copyOf(inputs.inputs);
    }

    /** The list that another process has written. */
    public static List<Input> read(ImageDirectory images) throws IOException {
        return Files.readAllLines(images.path(LIST), StandardCharsets.US_ASCII).stream()
                .map(Input::of)
                .toList();
    }

    private void headers() {
        Qcow2Builder many = Qcow2Builder.v3().clusterBits(21);
        Qcow2Builder apart = Qcow2Builder.v3().clusterBits(21);
        for (int i = 0; i < 262_000; i++) {
            many.extension(7, new byte[0]);
        }
        for (int i = 0; i < 64; i++) {
            apart.extension(7, new byte[8192]);
        }
        add("extensions", ImageFormat.QCOW2, many.build(2 * MEBIBYTE));
        add("extensions-apart", ImageFormat.QCOW2, apart.build(2 * MEBIBYTE));
        ByteBuffer vhd = OtherImages.vhd(4, "\u20ac".repeat(256));
        byte[] locators = Arrays.copyOf(OtherImages.bytes(vhd), 9 << 16);
        ByteBuffer.wrap(locators, 8192, 8 << 16).asShortBuffer().put(shorts(8 << 15));
        for (int i = 0; i < 8; i++) {
            int row = 512 + 576 + i * 24;
            ByteBuffer.wrap(locators)
                    .putInt(row, 0x57326b75)
                    .putInt(row + 8, 1 << 16)
                    .putLong(row + 16, 8192 + ((long) i << 16));
        }
        add("locators", ImageFormat.VPC, locators);
        add(
                "locator",
                ImageFormat.VHDX,
                OtherImages.bytes(OtherImages.vhdx(true, "volume_path", "\u20ac".repeat(600))));
        sparse("large-zeros", 1L << 40);
    }

    private void texts() {
        add("descriptor-of-a-megabyte", ImageFormat.VMDK, descriptor("#" + "x".repeat(MEBIBYTE)));
        add("blank-lines", ImageFormat.VMDK, descriptor("\n".repeat(120_000) + "RW 1 FLAT \"x\" 0"));
        add("words", ImageFormat.VMDK, descriptor("RW\n".repeat(40_000)));
        add("digits", ImageFormat.VMDK, descriptor("RW " + "1".repeat(120_000)));
        add("word-characters", ImageFormat.VMDK, descriptor("RW 1 " + "a".repeat(120_000)));
        add("sidecars", ImageFormat.VMDK, descriptor(("ddb.sidecars=\"" + "a,".repeat(500) + "\"\n").repeat(110)));
        add("unopened-parts", ImageFormat.VMDK, descriptor(parts("RDONLY 1 FLAT \"%s\" 0", 120)));
        add("missing-parts", ImageFormat.VMDK, descriptor(parts("RW 1 SPARSE \"%s\"", 120)));
        DiskDescriptorBuilder disks = new DiskDescriptorBuilder();
        for (int i = 0; i < 512; i++) {
            disks.image("{" + i + "}", i + "\u00e4".repeat(50)).shot("{" + i + "}", "{" + i + "x}");
        }
        add("disk-descriptor", ImageFormat.PARALLELS_DISK, disks.build());
        String attributes =
                IntStream.range(0, 9000).mapToObj(i -> " a" + i + "=''").reduce("", String::concat);
        add(
                "attributes",
                ImageFormat.PARALLELS_DISK,
                new DiskDescriptorBuilder().image("", "<a" + attributes + "/>").build());
        add(
                "elements",
                ImageFormat.PARALLELS_DISK,
                new DiskDescriptorBuilder()
                        .image(
                                "",
                                IntStream.range(0, 14_000)
                                        .mapToObj(i -> "<a" + i + "/>")
                                        .reduce("", String::concat))
                        .build());
    }

    private void names() {
        add("json-names", ImageFormat.QCOW2, overlay("json:{" + "'file.url':'u',".repeat(60) + "'x':1}"));
        String flat = IntStream.range(0, 80)
                .mapToObj(i -> "'" + i + ".url':''")
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();
        add("json-nodes", ImageFormat.QCOW2, overlay("json:{" + flat + "}"));
        add("json-deep", ImageFormat.QCOW2, overlay("json:" + "[".repeat(1018)));
        String path = images.path() + "/under-a-long-name/";
        String longName = path + "./".repeat((LONGEST_PATH - path.length() - 5) / 2) + "image";
        StringBuilder parts = new StringBuilder();
        for (int i = 0; i < 512; i++) {
            parts.append("RW 1 SPARSE \"").append(i).append("x".repeat(230)).append("\"\n");
        }
        images.write("under-a-long-name/image", descriptor(parts.toString()));
        inputs.add(new Input(longName, new ImageRequest.Declared(ImageFormat.VMDK)));
    }

    private void chains() {
        for (int i = 0; i < LAYERS; i++) {
            String base = images.path() + "/long-chain/";
            String next = (i == 0 ? "image" : "" + i);
            String below = base + "./".repeat((1000 - base.length()) / 2) + (i + 1);
            images.write(
                    "long-chain/" + next,
                    Qcow2Builder.overlay(below, "qcow2")
                            .dataFile(base + "./".repeat((4000 - base.length()) / 2) + "data" + i)
                            .build(1 << 16));
            images.write("long-chain/data" + i, new byte[0]);
        }
        inputs.add(new Input("long-chain/image", new ImageRequest.Declared(ImageFormat.QCOW2)));

        VmdkBuilder all = VmdkBuilder.descriptor(SPLIT);
        VmdkBuilder naming = VmdkBuilder.descriptor(SPLIT);
        for (int i = 0; i < PARTS; i++) {
            all.sparse("disk" + i);
            naming.sparse("part" + i);
        }
        byte[] each = VmdkBuilder.nested(all.text());
        byte[] unopened = nested("RW 1 FLAT \"flat\" 0\n" + parts("RDONLY 1 FLAT \"%s\" 0", 110));
        images.write("all-name-each-other/image", each).raw("parts-that-name-much/flat");
        images.write("parts-that-name-much/image", naming.build());
        for (int i = 0; i < PARTS; i++) {
            images.write("all-name-each-other/disk" + i, each);
            images.write("parts-that-name-much/part" + i, unopened);
        }
        VmdkBuilder longOnes = VmdkBuilder.descriptor(SPLIT);
        byte[] comment = nested("#" + "x".repeat(120 << 10) + "\nRW 1 FLAT \"flat\" 0");
        images.raw("long-parts/flat");
        for (int i = 0; i < PARTS; i++) {
            longOnes.sparse("part" + i);
            images.write("long-parts/part" + i, comment);
        }
        images.write("long-parts/image", longOnes.build());
        inputs.add(new Input("long-parts/image", new ImageRequest.Declared(ImageFormat.VMDK)));
        inputs.add(new Input("all-name-each-other/image", new ImageRequest.Declared(ImageFormat.VMDK)));
        inputs.add(new Input("parts-that-name-much/image", new ImageRequest.Declared(ImageFormat.VMDK)));
    }

    private void add(String name, ImageFormat format, byte[] content) {
        images.write(name + "/image", content);
        inputs.add(new Input(name + "/image", new ImageRequest.Declared(format)));
        inputs.add(new Input(name + "/image", new ImageRequest.Detect()));
    }

    private void sparse(String name, long size) {
        images.write(name + "/image", new byte[0]);
        try (RandomAccessFile file =
                new RandomAccessFile(images.path(name + "/image").toFile(), "rw")) {
            file.setLength(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (ImageFormat format : ImageFormat.values()) {
            inputs.add(new Input(name + "/image", new ImageRequest.Declared(format)));
        }
        inputs.add(new Input(name + "/image", new ImageRequest.Detect()));
    }

    /** As many lines as a descriptor has room for, each with another name, in bytes that a message escapes. */
    private static String parts(String line, int kibibytes) {
        int length = 400;
        StringBuilder lines = new StringBuilder();
        for (int i = 0; lines.length() < (kibibytes << 10); i++) {
            lines.append(line.formatted(i + "\u00ff".repeat(length))).append('\n');
        }
        return lines.toString();
    }

    private static byte[] descriptor(String lines) {
        return VmdkBuilder.descriptor(SPLIT).line(lines).text().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The same as a part that has parts. */
    private static byte[] nested(String lines) {
        return VmdkBuilder.nested(VmdkBuilder.descriptor(SPLIT).line(lines).text());
    }

    private static byte[] overlay(String backing) {
        return Qcow2Builder.overlay(backing, "raw").build(1 << 16);
    }

    private static short[] shorts(int count) {
        short[] all = new short[count];
        Arrays.fill(all, Short.reverseBytes((short) 0x20ac));
        return all;
    }
}
