package labeler.chain.format.qcow2;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/** Versions 2 and 3: backing file, its format, external data file. See qemu's docs/interop/qcow2.rst. */
public final class Qcow2Reader implements FormatReader {
    private static final int MAGIC = 0x514649fb;

    @Override
    public ImageFormat format() {
        return ImageFormat.QCOW2;
    }

    @Override
    public ParseResult parse(BoundedReader reader) {
        return switch (reader.readUpTo(0, RawHeader.LONGEST)) {
            case Read.Bytes bytes -> parse(reader, bytes.data());
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult parse(BoundedReader reader, ByteBuffer data) {
        if (data.limit() < 8 || data.getInt(0) != MAGIC) {
            return new ParseResult.NotThisFormat("it does not begin as qcow2");
        }
        return switch (data.getInt(4)) {
            case 0, 1 -> new ParseResult.NotThisFormat("its version number is not one of qcow2");
            case 2 -> data.limit() < RawHeader.V2_LENGTH ? truncated(data) : parse(reader, RawHeader.version2(data));
            case 3 -> data.limit() < RawHeader.V3_LENGTH ? truncated(data) : parse(reader, RawHeader.version3(data));
            default ->
                new ParseResult.Unsupported("its qcow2 version " + Integer.toUnsignedString(data.getInt(4))
                        + " is not known, only 2 and 3 are");
        };
    }

    private static ParseResult truncated(ByteBuffer data) {
        return new ParseResult.Malformed("the file ends inside its header, after " + data.limit() + " bytes");
    }

    private static ParseResult parse(BoundedReader reader, RawHeader raw) {
        Optional<ParseResult.Failure> broken = HeaderRules.broken(raw);
        if (broken.isPresent()) {
            return broken.get();
        }
        Qcow2Header header = HeaderRules.accept(raw);
        return switch (HeaderExtensions.read(reader, header)) {
            case HeaderExtensions.Found found -> parse(reader, header, found);
            case HeaderExtensions.Refused refused -> refused.failure();
        };
    }

    private static ParseResult parse(BoundedReader reader, Qcow2Header header, HeaderExtensions.Found extensions) {
        if (header.backingOffset() == 0 || header.backingSize() == 0) {
            return result(header, extensions, FileName.of(""));
        }
        return switch (reader.read(header.backingOffset(), header.backingSize())) {
            case Read.Bytes bytes -> result(header, extensions, CString.in(bytes.data()));
            case Read.NotRead failure -> ParseResult.of(failure);
        };
    }

    private static ParseResult result(Qcow2Header header, HeaderExtensions.Found extensions, FileName backing) {
        List<Reference> references = new ArrayList<>();
        // qemu opens the data file with the image itself, and the backing file after it.
        if (header.features().contains(Qcow2Header.Feature.EXTERNAL_DATA)) {
            references.add(new Reference.DataFile(extensions.dataFile()));
        } else {
            extensions.dataFile().ifPresent(name -> references.add(new Reference.Unfollowed(name, Relation.DATA_FILE)));
        }
        if (!backing.isEmpty()) {
            references.add(new Reference.Backing(
                    backing,
                    extensions
                            .backingFormat()
                            .<Reference.RecordedFormat>map(Reference.Driver::new)
                            .orElseGet(Reference.Unrecorded::new)));
        }
        return new ParseResult.Parsed(
                OptionalLong.of(header.virtualSize()), references, notes(header, extensions, !backing.isEmpty()));
    }

    private static List<Note> notes(Qcow2Header header, HeaderExtensions.Found extensions, boolean hasBacking) {
        List<Note> notes = new ArrayList<>();
        boolean external = header.features().contains(Qcow2Header.Feature.EXTERNAL_DATA);
        if (header.features().contains(Qcow2Header.Feature.DIRTY)) {
            notes.add(new Note(Problem.Kind.MALFORMED, "it was not closed cleanly: qemu repairs it when it opens it"));
        }
        if (header.features().contains(Qcow2Header.Feature.CORRUPT)) {
            notes.add(new Note(
                    Problem.Kind.MALFORMED,
                    "it is marked corrupt: qemu opens it only read-only until qemu-img check -r has repaired it"));
        }
        if (extensions.dataFile().isPresent() && !external) {
            notes.add(new Note(
                    Problem.Kind.FORMAT_MISMATCH,
                    "it names a data file but lacks the feature bit for one: qemu does not open that file"));
        }
        if (external && hasBacking && header.features().contains(Qcow2Header.Feature.RAW_EXTERNAL_DATA)) {
            notes.add(new Note(
                    Problem.Kind.FORMAT_MISMATCH,
                    "its data file is marked to be readable as raw, which it cannot be above a backing file"));
        }
        return notes;
    }
}
