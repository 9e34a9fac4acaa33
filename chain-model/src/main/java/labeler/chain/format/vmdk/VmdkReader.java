package labeler.chain.format.vmdk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Failure;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/**
 * VMDK as qemu's block/vmdk.c reads it: a sparse file, whose descriptor counts only if the capacity is 0, or a text
 * descriptor: what begins with no magic of the two is one, whatever its first bytes are. The parent is named in a text
 * at offset 512 of a sparse file, which need not be its descriptor.
 */
public final class VmdkReader implements FormatReader {
    private static final int SPARSE_MAGIC = 0x4b444d56;
    private static final int ESX_MAGIC = 0x434f5744;

    /** The magic of an extent only, all eight bytes of it. */
    private static final long SPACE_EFFICIENT_MAGIC = 0xbebafeca_00000000L;

    private static final long SECTOR = 512;

    /** The position where qemu looks for the parent of a file with a magic, even if its descriptor is elsewhere. */
    private static final long PARENT_TEXT_AT = 512;

    /** The descriptor of qemu and VMware has 20 sectors; the parent's name is looked for in so many bytes. */
    private static final int PARENT_TEXT_BYTES = 10_240;

    /** Room for 1000 extents, more than a chain may have; qemu takes a megabyte. */
    private static final int MAX_DESCRIPTOR_BYTES = 128 << 10;

    private static final ParseResult NAMELESS = new ParseResult.Parsed(OptionalLong.empty(), List.of(), List.of());

    @Override
    public ImageFormat format() {
        return ImageFormat.VMDK;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return parse(reader, () -> parseDescriptor(reader, 0, 0));
    }

    /** A text descriptor is no part: qemu refuses it. */
    @Override
    public ParseResult parsePart(BoundedReader reader, Reference.ExtentKind kind) {
        return switch (kind) {
            case FLAT -> NAMELESS;
            case SPARSE -> parse(reader, () -> new ParseResult.NotThisFormat("it is no sparse part of a VMDK"));
            case SPACE_EFFICIENT -> parseSpaceEfficient(reader);
        };
    }

    /** @param other the answer to a file without a magic */
    private static ParseResult parse(BoundedReader reader, Supplier<ParseResult> other) {
        return switch (reader.readUpTo(0, EsxHeader.BYTES)) {
            case Read.Bytes bytes -> {
                ByteBuffer start = bytes.data();
                if (start.limit() < 4) {
                    yield new ParseResult.NotThisFormat("it is too short for VMDK");
                }
                yield switch (start.getInt(0)) {
                    case SPARSE_MAGIC -> parseSparse(reader, start);
                    case ESX_MAGIC -> parseEsx(reader, start);
                    default -> other.get();
                };
            }
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parseSpaceEfficient(BoundedReader reader) {
        return switch (reader.readUpTo(0, Long.BYTES)) {
            case Read.Bytes bytes ->
                bytes.data().limit() == Long.BYTES && bytes.data().getLong(0) == SPACE_EFFICIENT_MAGIC
                        ? NAMELESS
                        : new ParseResult.NotThisFormat("it is no space-efficient sparse part of a VMDK");
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parseEsx(BoundedReader reader, ByteBuffer start) {
        if (!EsxHeader.isWhole(start)) {
            return new Malformed("the file ends inside its header, after " + start.limit() + " bytes");
        }
        EsxHeader header = EsxHeader.of(start);
        Optional<Failure> broken = header.broken();
        return broken.isPresent()
                ? broken.get()
                : withParent(
                        reader, OptionalLong.of(header.sectors() * SECTOR), header.references(), "", PARENT_TEXT_AT);
    }

    private static ParseResult parseSparse(BoundedReader reader, ByteBuffer start) {
        if (start.limit() < SparseHeader.BYTES) {
            return new Malformed("the file ends inside its header, after " + start.limit() + " bytes");
        }
        SparseHeader header = SparseHeader.of(start.order(ByteOrder.LITTLE_ENDIAN));
        if (header.capacity() == 0 && header.descriptorOffset() != 0) {
            if (header.descriptorOffset() < 0 || header.descriptorOffset() > Long.MAX_VALUE / SECTOR) {
                return new Malformed("its descriptor lies beyond any file");
            }
            return parseDescriptor(reader, header.descriptorOffset() * SECTOR, PARENT_TEXT_AT);
        }
        return SparseHeader.effective(reader, header)
                .map(effective -> withParent(
                        reader, OptionalLong.of(effective.capacity() * SECTOR), List.of(), "", PARENT_TEXT_AT));
    }

    private static ParseResult parseDescriptor(BoundedReader reader, long position, long parentPosition) {
        return switch (reader.readUpTo(position, MAX_DESCRIPTOR_BYTES)) {
            case Read.Bytes bytes -> {
                Descriptor descriptor = new Descriptor(bytes.data());
                if (bytes.data().limit() == MAX_DESCRIPTOR_BYTES && !descriptor.isEnded()) {
                    yield new ParseResult.TooMany("its descriptor is longer than " + MAX_DESCRIPTOR_BYTES + " bytes");
                }
                yield parseDescriptor(reader, descriptor, position, parentPosition);
            }
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parseDescriptor(
            BoundedReader reader, Descriptor descriptor, long position, long parentPosition) {
        Optional<String> type = descriptor.createType();
        if (type.isEmpty()) {
            return position == 0
                    ? new ParseResult.NotThisFormat("it is neither a VMDK file nor a descriptor of one")
                    : new Malformed("its descriptor has no createType");
        }
        if (!Descriptor.TYPES.contains(type.get())) {
            return new ParseResult.Unsupported("its createType is not one that qemu opens by a descriptor");
        }
        return switch (descriptor.extents()) {
            case Extents.Found found ->
                withParent(
                        reader,
                        OptionalLong.of(found.sectors() * SECTOR),
                        found.references(),
                        descriptor.text(),
                        parentPosition);
            case Extents.Refused refused -> refused.failure();
        };
    }

    /**
     * @param found already
     * @param text the descriptor that counts, if any; the parent may be searched in another text
     */
    private static ParseResult withParent(
            BoundedReader reader, OptionalLong virtualSize, List<Reference> found, String text, long position) {
        return switch (reader.readUpTo(position, PARENT_TEXT_BYTES)) {
            case Read.Bytes bytes -> {
                List<Reference> references = new ArrayList<>(found);
                List<Reference> unopened = UnopenedNames.in(text + "\n" + new Descriptor(bytes.data()).text(), found);
                yield switch (ParentHint.in(bytes.data())) {
                    case ParentHint.None none -> {
                        references.addAll(unopened);
                        yield new ParseResult.Parsed(virtualSize, references, none.notes());
                    }
                    case ParentHint.Named named -> {
                        // qemu treats every parent as VMDK, even if it has another format.
                        references.add(new Reference.Backing(
                                named.name(), new Reference.Driver(FileName.of(ImageFormat.VMDK.driver()))));
                        references.addAll(unopened);
                        yield new ParseResult.Parsed(virtualSize, references, List.of());
                    }
                    case ParentHint.Refused refused -> (Failure) new Malformed(refused.reason());
                };
            }
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }
}
