package labeler.chain.fuzz;

import static labeler.chain.testing.OtherImages.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.chain.detect.ContentProbe;
import labeler.chain.testing.DiskDescriptorBuilder;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.VmdkBuilder;

/**
 * Images that their parser accepts, and one for each kind that it refuses by its version. Seeds of parsers have only
 * the bytes that the parser reads: random changes reach more of a shorter input.
 */
public final class Seeds {
    private static final int SHORT = 1024;
    private static final int ONE_CLUSTER = 512;

    private Seeds() {}

    /**
     * An input without the end that the answer does not depend on.
     *
     * @param answer to an input; the same for the input and for the shortened input
     */
    static byte[] shortest(byte[] input, Function<byte[], ?> answer) {
        Object whole = answer.apply(input);
        byte[] shortest = input;
        for (int step = Integer.highestOneBit(Math.max(1, input.length)); step > 0; step /= 2) {
            while (step <= shortest.length) {
                byte[] shorter = Arrays.copyOf(shortest, shortest.length - step);
                if (!answer.apply(shorter).equals(whole)) {
                    break;
                }
                shortest = shorter;
            }
        }
        return shortest;
    }

    static List<byte[]> bochs() {
        return whole(OtherImages.bochs());
    }

    static List<byte[]> cloop() {
        return whole(OtherImages.cloop());
    }

    static List<byte[]> cow() {
        return whole(OtherImages.cow(2, ""), OtherImages.cow(2, "base"), OtherImages.cow(3, "base"));
    }

    static List<byte[]> diskDescriptor() {
        return Stream.of(
                        new DiskDescriptorBuilder().image("{1}", "root.hds"),
                        new DiskDescriptorBuilder()
                                .image("{1}", "/abs.hds")
                                .image("{2}", "child.hds")
                                .shot("{1}", "{0}")
                                .shot("{2}", "{1}"))
                .map(DiskDescriptorBuilder::build)
                .toList();
    }

    static List<byte[]> dmg() {
        // The important part is at the end.
        return List.of(Arrays.copyOfRange(bytes(OtherImages.dmg()), 1536, 2048));
    }

    static List<byte[]> luks() {
        return whole(OtherImages.luks(1, 4096), OtherImages.luks(1, 0), OtherImages.luks(2, 0));
    }

    static List<byte[]> parallels() {
        return whole(OtherImages.parallels("WithoutFreeSpace"), OtherImages.parallels("WithouFreSpacExt"));
    }

    static List<byte[]> qcow() {
        return whole(OtherImages.qcow(""), OtherImages.qcow("base"));
    }

    static List<byte[]> qcow2() {
        return List.of(
                small(Qcow2Builder.v2().backing("base")),
                small(Qcow2Builder.v3()),
                small(Qcow2Builder.overlay("base", "qcow2")),
                small(Qcow2Builder.overlay("json:{}", "raw").dataFile("data")),
                small(Qcow2Builder.v3().extension(Qcow2Builder.BITMAPS, new byte[24])),
                small(Qcow2Builder.v3().patch32(32, 2).extension(Qcow2Builder.LUKS_POINTER, new byte[16])));
    }

    static List<byte[]> qed() {
        return whole(OtherImages.qed(0, ""), OtherImages.qed(1, "base"), OtherImages.qed(5, "base"));
    }

    static List<byte[]> raw() {
        return List.of(new byte[ONE_CLUSTER]);
    }

    static List<byte[]> vdi() {
        return whole(
                OtherImages.vdi(1),
                OtherImages.vdi(4),
                OtherImages.vdi(4).putLong(424, 1).putLong(440, 2));
    }

    static List<byte[]> vhdx() {
        return List.of(
                ScatteredInput.input(OtherImages.vhdx(false), ONE_CLUSTER),
                ScatteredInput.input(OtherImages.vhdx(true, "relative_path", ".\\base.vhdx"), SHORT),
                ScatteredInput.input(
                        OtherImages.vhdx(
                                true,
                                "parent_linkage",
                                "{}",
                                "volume_path",
                                "\\\\?\\x",
                                "absolute_win32_path",
                                "C:\\x"),
                        SHORT));
    }

    static List<byte[]> vmdk() {
        VmdkBuilder flat = VmdkBuilder.descriptor("monolithicFlat").flat("disk").parent("parent");
        return List.of(
                flat.build(),
                VmdkBuilder.descriptor("twoGbMaxExtentSparse")
                        .sparse("s1")
                        .sparse("s2")
                        .build(),
                sparse(),
                Arrays.copyOf(bytes(VmdkBuilder.sparseFile(flat.text()).putLong(12, 0)), 2 * SHORT),
                footed(),
                bytes(VmdkBuilder.esxFile("")),
                bytes(VmdkBuilder.esxFile("parent")));
    }

    /** Its data begin behind the descriptor, not behind tables that are never read. */
    private static byte[] sparse() {
        return Arrays.copyOf(bytes(VmdkBuilder.sparseFile().putLong(64, 2)), 2 * SHORT);
    }

    /** As streamOptimized has it: the header that counts is in a footer. */
    private static byte[] footed() {
        ByteBuffer image = VmdkBuilder.sparseFile().putLong(56, -1).putLong(64, 1);
        byte[] start = Arrays.copyOf(bytes(image), 2 * SHORT + 3 * ONE_CLUSTER);
        image.putLong(56, 26);
        ByteBuffer.wrap(start).put(2 * SHORT + 12, (byte) 3).put(2 * SHORT + ONE_CLUSTER, bytes(image), 0, ONE_CLUSTER);
        return start;
    }

    static List<byte[]> vpc() {
        ByteBuffer differencing = OtherImages.vhd(4, "base.vhd");
        OtherImages.vhdLocator(differencing, 0, "W2ru", ".\\base.vhd");
        OtherImages.vhdLocator(differencing, 1, "MacX", "file://localhost/base.vhd");
        return List.of(bytes(OtherImages.vhd(3, "")), bytes(differencing), OtherImages.vhdFooter(2));
    }

    /** All images by their format, but VHDX, whose seeds are only pieces of one. */
    public static Map<ImageFormat, List<byte[]>> images() {
        Map<ImageFormat, List<byte[]>> images = new EnumMap<>(ImageFormat.class);
        images.put(ImageFormat.BOCHS, bochs());
        images.put(ImageFormat.CLOOP, cloop());
        images.put(ImageFormat.COW, cow());
        images.put(ImageFormat.PARALLELS_DISK, diskDescriptor());
        images.put(ImageFormat.DMG, dmg());
        images.put(ImageFormat.LUKS, luks());
        images.put(ImageFormat.PARALLELS, parallels());
        images.put(ImageFormat.QCOW, qcow());
        images.put(ImageFormat.QCOW2, qcow2());
        images.put(ImageFormat.QED, qed());
        images.put(ImageFormat.RAW, raw());
        images.put(ImageFormat.VDI, vdi());
        images.put(ImageFormat.VMDK, vmdk());
        images.put(ImageFormat.VPC, vpc());
        return images;
    }

    static List<byte[]> all() {
        return Stream.concat(images().values().stream(), Stream.of(vhdx()))
                .flatMap(List::stream)
                .map(seed -> Arrays.copyOf(seed, Math.min(seed.length, ContentProbe.LENGTH)))
                .toList();
    }

    static List<byte[]> names() {
        return Stream.of(
                        "base",
                        "/abs",
                        "../base",
                        "file:base",
                        "file:a:b",
                        "nbd://host/x",
                        "json:{\"driver\":\"raw\"}",
                        ":x",
                        "a:b/c",
                        "fat:rw:/")
                .flatMap(name -> Stream.of(name + " ".repeat(name.length()), name + "dir/overlay"))
                .map(pair -> pair.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    static List<byte[]> options() {
        return Stream.of(
                        "{}",
                        "{'driver':'raw','file':{'driver':'file','filename':'b'}}",
                        "{\"driver\": \"qcow2\", \"file.driver\": \"nbd\", \"file.server.host\": \"h\\u00e4\"}",
                        "{\"driver\":\"quorum\",\"children\":[{\"filename\":\"a\"},{\"file\":{\"url\":\"http://h\"}}]}",
                        "{\"offset\": -1.5e+3, \"size\": 0, \"read-only\": true, \"x\": null}")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** The files are called a, b, c …: see {@link WalkInput}. */
    static List<byte[]> walks() {
        byte[] raw = new byte[16];
        return List.of(
                WalkInput.bytes(
                        small(Qcow2Builder.overlay("b", "qcow2")), small(Qcow2Builder.overlay("c", "raw")), raw),
                WalkInput.bytes(small(Qcow2Builder.overlay("b", "qcow2")), small(Qcow2Builder.overlay("a", "qcow2"))),
                WalkInput.bytes(small(Qcow2Builder.overlay("b", "raw").dataFile("c")), raw, raw),
                WalkInput.bytes(small(Qcow2Builder.overlay("b", "vmdk")), vmdk().get(0), raw),
                WalkInput.bytes(
                        VmdkBuilder.descriptor("twoGbMaxExtentSparse")
                                .sparse("b")
                                .sparse("c")
                                .parent("d")
                                .build(),
                        sparse(),
                        sparse(),
                        VmdkBuilder.descriptor("monolithicFlat").flat("e").build(),
                        raw),
                WalkInput.bytes(bytes(OtherImages.qed(5, "b")), raw),
                WalkInput.bytes(small(OtherImages.qcow("b")), raw),
                WalkInput.bytes(small(Qcow2Builder.overlay("nbd://host/b", "raw"))),
                WalkInput.bytes(small(Qcow2Builder.overlay("json:{'file':{'filename':'b'}}", "raw")), raw),
                WalkInput.bytes(diskDescriptor().get(1)),
                WalkInput.bytes(
                        VmdkBuilder.descriptor("vmfsSparse")
                                .line("RW 2048 VMFSSPARSE \"b\"")
                                .build(),
                        bytes(VmdkBuilder.esxFile("c")),
                        raw),
                WalkInput.bytes(small(Qcow2Builder.overlay("!", "qcow2").dataFile("q"))));
    }

    private static byte[] small(Qcow2Builder image) {
        return image.clusterBits(9).build(2 * ONE_CLUSTER);
    }

    private static byte[] small(ByteBuffer image) {
        return Arrays.copyOf(bytes(image), SHORT);
    }

    private static List<byte[]> whole(ByteBuffer... images) {
        return Arrays.stream(images).map(OtherImages::bytes).toList();
    }
}
