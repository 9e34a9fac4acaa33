package labeler.chain.detect;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The mark of an image format in its first bytes.
 *
 * @param format qemu's driver name, or libvirt's name if qemu has no such driver
 * @param holds whether the first bytes of a file have this signature; given big-endian, position 0
 */
record Signature(String format, Predicate<ByteBuffer> holds) {
    /** The signatures of every format that qemu 10.0 or libvirt 11 probes; if both have one, as in qemu. */
    static final List<Signature> ALL = List.of(
            // docs/interop/qcow2.rst; qemu probes every version from 2 on, and refuses those above 3 when it opens.
            new Signature("qcow2", start -> magic(start, 0, 'Q', 'F', 'I', 0xfb) && version(start) >= 2),
            new Signature("qcow", start -> magic(start, 0, 'Q', 'F', 'I', 0xfb) && version(start) == 1),
            new Signature("qed", start -> magic(start, 0, 'Q', 'E', 'D', 0)),
            new Signature("vmdk", start -> ascii(start, 0, "KDMV") || ascii(start, 0, "COWD")),
            new Signature("vmdk", VmdkText::startsDescriptor),
            new Signature("vdi", start -> magic(start, 64, 0x7f, 0x10, 0xda, 0xbe)),
            // A fixed disk has this only at its end, where no program probes: it is raw unless declared.
            new Signature("vpc", start -> ascii(start, 0, "conectix")),
            new Signature("vhdx", start -> ascii(start, 0, "vhdxfile")),
            new Signature(
                    "parallels", start -> ascii(start, 0, "WithoutFreeSpace") || ascii(start, 0, "WithouFreSpacExt")),
            // No image, but a list of the images of a disk.
            new Signature("parallels-disk", ParallelsText::startsDescriptor),
            new Signature("luks", start -> magic(start, 0, 'L', 'U', 'K', 'S', 0xba, 0xbe)),
            new Signature("bochs", start -> ascii(start, 0, "Bochs Virtual HD Image")),
            new Signature("cloop", start -> ascii(start, 0, "#!/bin/sh\n#V2.0 Format\n")),
            // User-mode Linux; libvirt still reads the name of the backing file out of it.
            new Signature("cow", start -> ascii(start, 0, "OOOM")),
            // The trailer is at the end; qemu decides by the file's name, other programs by this block.
            new Signature("dmg", start -> ascii(start, 0, "koly")));

    private static int version(ByteBuffer start) {
        return start.limit() < 8 ? 0 : Integer.compareUnsigned(start.getInt(4), 2) >= 0 ? 2 : start.getInt(4);
    }

    private static boolean ascii(ByteBuffer start, int offset, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        byte[] there = new byte[wanted.length];
        if (start.limit() < offset + wanted.length) {
            return false;
        }
        start.get(offset, there);
        return Arrays.equals(wanted, there);
    }

    private static boolean magic(ByteBuffer start, int offset, int... bytes) {
        if (start.limit() < offset + bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((start.get(offset + i) & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
