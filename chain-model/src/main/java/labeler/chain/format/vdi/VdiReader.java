package labeler.chain.format.vdi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Problem;
import labeler.chain.Relation;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Note;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/** VDI names its parent only by UUID; VirtualBox's registry knows the file. See qemu's block/vdi.c. */
public final class VdiReader implements FormatReader {
    private static final int HEADER_BYTES = 512;
    private static final int SIGNATURE_AT = 64;
    private static final int SIGNATURE = 0xbeda107f;
    private static final int VERSION_1_1 = 0x00010001;
    private static final int TYPE_DIFFERENCING = 4;
    private static final int LINK_AT = 424;
    private static final int PARENT_AT = 440;
    private static final int UUID_BYTES = 16;
    private static final byte[] NO_UUID = new byte[UUID_BYTES];

    @Override
    public ImageFormat format() {
        return ImageFormat.VDI;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> parse(bytes.data().order(ByteOrder.LITTLE_ENDIAN));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(ByteBuffer header) {
        if (header.limit() < SIGNATURE_AT + 4 || header.getInt(SIGNATURE_AT) != SIGNATURE) {
            return new ParseResult.NotThisFormat("it does not begin as VDI");
        }
        if (header.limit() < HEADER_BYTES) {
            return new ParseResult.Malformed("the file ends inside its header, after " + header.limit() + " bytes");
        }
        if (header.getInt(68) != VERSION_1_1) {
            return new ParseResult.Unsupported("its VDI version is not known, only 1.1 is");
        }
        long virtualSize = header.getLong(368);
        if (virtualSize < 0) {
            return new ParseResult.Malformed("its virtual size is out of range");
        }
        byte[] parent = uuid(header, PARENT_AT);
        byte[] link = uuid(header, LINK_AT);
        if (isUuid(parent) || isUuid(link)) {
            FileName name = FileName.of("uuid " + HexFormat.of().formatHex(isUuid(parent) ? parent : link));
            return new ParseResult.Parsed(
                    OptionalLong.of(virtualSize), List.of(new Reference.Unfollowed(name, Relation.PARENT)), List.of());
        }
        return new ParseResult.Parsed(
                OptionalLong.of(virtualSize),
                List.of(),
                header.getInt(76) != TYPE_DIFFERENCING
                        ? List.of()
                        : List.of(new Note(
                                Problem.Kind.MALFORMED,
                                "it is a differencing image that names no parent: qemu shows it by itself")));
    }

    private static byte[] uuid(ByteBuffer header, int offset) {
        byte[] uuid = new byte[UUID_BYTES];
        header.get(offset, uuid);
        return uuid;
    }

    private static boolean isUuid(byte[] uuid) {
        return !Arrays.equals(uuid, NO_UUID);
    }
}
