package labeler.chain.format.qcow;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/** Version 1: a backing name anywhere in the file, and never its format. See qemu's block/qcow.c. */
public final class QcowReader implements FormatReader {
    private static final int HEADER_BYTES = 48;
    private static final int MAGIC = 0x514649fb;

    /** qemu keeps names in 1024 bytes, the NUL included. */
    private static final long MAX_BACKING_NAME = 1023;

    private static final int MIN_CLUSTER_BITS = 9;
    private static final int MAX_CLUSTER_BITS = 16;
    private static final int MIN_L2_BITS = 6;
    private static final int MAX_L2_BITS = 13;

    /** None or AES. */
    private static final int MAX_CRYPT_METHOD = 1;

    @Override
    public ImageFormat format() {
        return ImageFormat.QCOW;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, HEADER_BYTES)) {
            case Read.Bytes bytes -> parse(reader, bytes.data());
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(BoundedReader reader, ByteBuffer header) {
        if (header.limit() < 8 || header.getInt(0) != MAGIC || header.getInt(4) != 1) {
            return new ParseResult.NotThisFormat("it does not begin as qcow version 1");
        }
        if (header.limit() < HEADER_BYTES) {
            return new ParseResult.Malformed("the file ends inside its header, after " + header.limit() + " bytes");
        }
        long backingOffset = header.getLong(8);
        long backingSize = Integer.toUnsignedLong(header.getInt(16));
        long virtualSize = header.getLong(24);
        int clusterBits = header.get(32) & 0xff;
        int l2Bits = header.get(33) & 0xff;
        if (virtualSize <= 1) {
            return new ParseResult.Malformed("its virtual size is out of range");
        }
        if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
            return new ParseResult.Malformed("cluster_bits is " + clusterBits + ", not 9 to 16");
        }
        if (l2Bits < MIN_L2_BITS || l2Bits > MAX_L2_BITS) {
            return new ParseResult.Malformed("l2_bits is " + l2Bits + ", not 6 to 13");
        }
        if (Integer.compareUnsigned(header.getInt(36), MAX_CRYPT_METHOD) > 0) {
            return new ParseResult.Malformed("its encryption method is not known");
        }
        if (backingOffset == 0) {
            return result(virtualSize, FileName.of(""));
        }
        if (backingSize > MAX_BACKING_NAME) {
            return new ParseResult.Malformed("the backing file name is " + backingSize + " bytes long, more than 1023");
        }
        return switch (reader.read(backingOffset, (int) backingSize)) {
            case Read.Bytes name -> result(virtualSize, CString.in(name.data()));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult result(long virtualSize, FileName backing) {
        List<Reference> references =
                backing.isEmpty() ? List.of() : List.of(new Reference.Backing(backing, new Reference.Unrecordable()));
        return new ParseResult.Parsed(OptionalLong.of(virtualSize), references, List.of());
    }
}
