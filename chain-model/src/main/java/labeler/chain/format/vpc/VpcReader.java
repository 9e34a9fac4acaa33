package labeler.chain.format.vpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/**
 * VHD. A differencing disk names its parent in its dynamic header and in up to eight locators; qemu opens such a disk
 * as if it had no parent. See qemu's block/vpc.c and Microsoft's Virtual Hard Disk Image Format Specification.
 */
public final class VpcReader implements FormatReader {
    private static final int FOOTER_BYTES = 512;
    private static final int DYNAMIC_HEADER_BYTES = 1024;
    private static final long FOOTER_COOKIE = 0x636f6e6563746978L;
    private static final long DYNAMIC_COOKIE = 0x6378737061727365L;

    private static final int TYPE_FIXED = 2;
    private static final int TYPE_DYNAMIC = 3;
    private static final int TYPE_DIFFERENCING = 4;

    private static final int PARENT_NAME_AT = 64;
    private static final int PARENT_NAME_BYTES = 512;
    private static final int LOCATORS_AT = 576;
    private static final int LOCATORS = 8;
    private static final int LOCATOR_BYTES = 24;

    private static final int CODE_RELATIVE = 0x57327275;
    private static final int CODE_ABSOLUTE = 0x57326b75;
    private static final int CODE_MAC = 0x4d616358;

    /** As many UTF-16 units as a path of Linux has bytes; a longer path does not exist here. */
    private static final int MAX_LOCATOR_BYTES = 8192;

    @Override
    public ImageFormat format() {
        return ImageFormat.VPC;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, FOOTER_BYTES)) {
            case Read.Bytes start -> isFooter(start.data()) ? parse(reader, start.data()) : parseAtEnd(reader);
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static boolean isFooter(ByteBuffer data) {
        return data.limit() == FOOTER_BYTES && data.getLong(0) == FOOTER_COOKIE;
    }

    /** A fixed disk: its data come first. */
    private static ParseResult parseAtEnd(BoundedReader reader) {
        long size;
        try {
            size = reader.size();
        } catch (IOException e) {
            return new ParseResult.Unreadable("its size cannot be read: " + e.getMessage());
        }
        if (size < FOOTER_BYTES) {
            return new ParseResult.NotThisFormat("it is too short for VHD");
        }
        return switch (reader.read(size - FOOTER_BYTES, FOOTER_BYTES)) {
            case Read.Bytes end ->
                isFooter(end.data())
                        ? new ParseResult.Parsed(virtualSize(end.data()), List.of(), List.of())
                        : new ParseResult.NotThisFormat("it neither begins nor ends as VHD");
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(BoundedReader reader, ByteBuffer footer) {
        int type = footer.getInt(60);
        if (type == TYPE_FIXED) {
            return new ParseResult.Parsed(virtualSize(footer), List.of(), List.of());
        }
        return switch (reader.read(footer.getLong(16), DYNAMIC_HEADER_BYTES)) {
            case Read.Bytes dynamic -> parse(reader, footer, dynamic.data(), type);
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(BoundedReader reader, ByteBuffer footer, ByteBuffer dynamic, int type) {
        if (dynamic.getLong(0) != DYNAMIC_COOKIE) {
            return new ParseResult.Malformed("its dynamic disk header is not where its footer says");
        }
        return switch (type) {
            case TYPE_DYNAMIC -> new ParseResult.Parsed(virtualSize(footer), List.of(), List.of());
            case TYPE_DIFFERENCING ->
                new ParseResult.Parsed(
                        virtualSize(footer),
                        parents(reader, dynamic).stream()
                                .<Reference>map(name -> new Reference.Unfollowed(name, Relation.PARENT))
                                .toList(),
                        List.of());
            default -> new ParseResult.Unsupported("its disk type " + type + " is not known");
        };
    }

    /** All names of the one parent; {@code unnamed} if there is none. */
    private static Set<FileName> parents(BoundedReader reader, ByteBuffer dynamic) {
        Set<FileName> names = new LinkedHashSet<>();
        names.add(text(dynamic.slice(PARENT_NAME_AT, PARENT_NAME_BYTES), StandardCharsets.UTF_16BE));
        for (int i = 0; i < LOCATORS; i++) {
            ByteBuffer locator = dynamic.slice(LOCATORS_AT + i * LOCATOR_BYTES, LOCATOR_BYTES);
            int code = locator.getInt(0);
            long length = Integer.toUnsignedLong(locator.getInt(8));
            boolean isPath = code == CODE_RELATIVE || code == CODE_ABSOLUTE || code == CODE_MAC;
            if (isPath
                    && length <= MAX_LOCATOR_BYTES
                    && reader.read(locator.getLong(16), (int) length) instanceof Read.Bytes path) {
                names.add(text(path.data(), code == CODE_MAC ? StandardCharsets.UTF_8 : StandardCharsets.UTF_16LE));
            }
        }
        names.removeIf(FileName::isEmpty);
        return names.isEmpty() ? Set.of(FileName.of("an unnamed parent")) : names;
    }

    private static FileName text(ByteBuffer field, Charset charset) {
        return CString.in(StandardCharsets.UTF_8.encode(charset.decode(field)));
    }

    private static OptionalLong virtualSize(ByteBuffer footer) {
        long size = footer.getLong(48);
        return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
    }
}
