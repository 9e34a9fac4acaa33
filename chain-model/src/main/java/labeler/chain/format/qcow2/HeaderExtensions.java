package labeler.chain.format.qcow2;

import java.nio.ByteBuffer;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Failure;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.format.ParseResult.TooMany;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ByteRange;
import labeler.chain.io.CString;
import labeler.chain.io.Read;

/**
 * Walks the header extensions as {@code qcow2_read_extensions} does: the last extension of a kind counts, unknown ones
 * are ignored.
 */
final class HeaderExtensions {
    private static final int END = 0;
    private static final int BACKING_FORMAT = 0xe2792aca;
    private static final int DATA_FILE = 0x44415441;
    private static final int LUKS_POINTER = 0x0537be77;
    private static final int BITMAPS = 0x23852875;

    /** qemu keeps the format's name in 16 bytes, the NUL included. */
    private static final int MAX_FORMAT_NAME = 15;

    private static final int LUKS_POINTER_BYTES = 16;
    private static final int BITMAPS_BYTES = 24;
    private static final int EXTENSION_HEADER_BYTES = 8;

    /** qemu writes at most six, and reads without a limit: 262000 empty ones keep it busy for seconds. */
    static final int MAX_EXTENSIONS = 64;

    /** Linux opens no path of 4096 bytes or more (PATH_MAX, with the NUL), so none is read either. */
    static final int MAX_DATA_FILE_NAME = 4095;

    private final BoundedReader reader;
    private final Qcow2Header header;
    private Optional<FileName> backingFormat = Optional.empty();
    private Optional<FileName> dataFile = Optional.empty();
    private boolean hasLuksPointer;

    private HeaderExtensions(BoundedReader reader, Qcow2Header header) {
        this.reader = reader;
        this.header = header;
    }

    sealed interface Result {}

    /** Each as the header has it; an empty name is no name. */
    record Found(Optional<FileName> backingFormat, Optional<FileName> dataFile) implements Result {}

    record Refused(Failure failure) implements Result {}

    static Result read(BoundedReader reader, Qcow2Header header) {
        HeaderExtensions extensions = new HeaderExtensions(reader, header);
        return extensions
                .walk()
                .<Result>map(Refused::new)
                .orElseGet(() -> new Found(
                        extensions.backingFormat.filter(name -> !name.isEmpty()),
                        extensions.dataFile.filter(name -> !name.isEmpty())));
    }

    private Optional<Failure> walk() {
        long position = header.extensionsStart();
        long end = header.extensionsEnd();
        for (int count = 0; position < end; count++) {
            if (!ByteRange.fits(position, EXTENSION_HEADER_BYTES, end)) {
                return malformed("its header extensions run into the backing file name");
            }
            ByteBuffer start;
            switch (reader.read(position, EXTENSION_HEADER_BYTES)) {
                case Read.Bytes bytes -> start = bytes.data();
                case Read.NotRead failure -> {
                    return Optional.of(ParseResult.of(failure));
                }
            }
            int type = start.getInt();
            long length = Integer.toUnsignedLong(start.getInt());
            position += EXTENSION_HEADER_BYTES;
            if (!ByteRange.fits(position, length, end)) {
                return malformed("its header extension at " + (position - EXTENSION_HEADER_BYTES) + " is too large");
            }
            if (type == END) {
                break;
            }
            if (count == MAX_EXTENSIONS) {
                return Optional.of(new TooMany("it has more than " + MAX_EXTENSIONS + " header extensions"));
            }
            Optional<Failure> failure = take(type, position, (int) length);
            if (failure.isPresent()) {
                return failure;
            }
            position += ByteRange.padded(length, EXTENSION_HEADER_BYTES);
        }
        return header.encryption() == Qcow2Header.Encryption.LUKS && !hasLuksPointer
                ? malformed("it is LUKS-encrypted but has no pointer to the LUKS header")
                : Optional.empty();
    }

    private Optional<Failure> take(int type, long position, int length) {
        return switch (type) {
            case BACKING_FORMAT -> takeBackingFormat(position, length);
            case DATA_FILE -> takeDataFile(position, length);
            case LUKS_POINTER -> takeLuksPointer(length);
            case BITMAPS ->
                length == BITMAPS_BYTES ? Optional.empty() : malformed("its bitmaps extension has a wrong length");
            default -> Optional.empty();
        };
    }

    private Optional<Failure> takeBackingFormat(long position, int length) {
        if (length > MAX_FORMAT_NAME) {
            return malformed("its backing format is " + length + " bytes long, more than " + MAX_FORMAT_NAME);
        }
        return switch (reader.read(position, length)) {
            case Read.Bytes bytes -> {
                backingFormat = Optional.of(CString.in(bytes.data()));
                yield Optional.empty();
            }
            case Read.NotRead failure -> Optional.of(ParseResult.of(failure));
        };
    }

    private Optional<Failure> takeDataFile(long position, int length) {
        int readable = Math.min(length, MAX_DATA_FILE_NAME + 1);
        return switch (reader.read(position, readable)) {
            case Read.Bytes bytes -> {
                FileName name = CString.in(bytes.data());
                if (name.length() > MAX_DATA_FILE_NAME) {
                    yield malformed("its data file name is longer than any path (" + MAX_DATA_FILE_NAME + " bytes)");
                }
                dataFile = Optional.of(name);
                yield Optional.empty();
            }
            case Read.NotRead failure -> Optional.of(ParseResult.of(failure));
        };
    }

    private Optional<Failure> takeLuksPointer(int length) {
        if (header.encryption() != Qcow2Header.Encryption.LUKS) {
            return malformed("it has a pointer to a LUKS header but is not LUKS-encrypted");
        }
        hasLuksPointer = true;
        return length == LUKS_POINTER_BYTES
                ? Optional.empty()
                : malformed("its pointer to the LUKS header has a wrong length");
    }

    private static Optional<Failure> malformed(String reason) {
        return Optional.of(new Malformed(reason));
    }
}
