package labeler.chain.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.FileIdentity;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.ImageOpener;
import labeler.chain.Problem;

/**
 * Opens with only the JDK, relative names below a directory, and counts. Only for tests: between the check of the type
 * and the opening, another file can take the place.
 */
public final class DirectoryOpener implements ImageOpener<DirectoryOpener.OpenedFile> {
    private final FileName directory;
    private final List<FileName> asked = new ArrayList<>();
    private final List<OpenedFile> opened = new ArrayList<>();

    public DirectoryOpener(Path directory) {
        this.directory = FileName.of(directory + "/");
    }

    /** All requested names, in order. */
    public List<FileName> asked() {
        return List.copyOf(asked);
    }

    /** Files that are open and not yet closed. */
    public long openNow() {
        return opened.stream().filter(file -> file.channel.isOpen()).count();
    }

    public long bytesRead() {
        return opened.stream().mapToLong(file -> file.bytesRead).sum();
    }

    public long reads() {
        return opened.stream().mapToLong(file -> file.reads).sum();
    }

    @Override
    public Opened<OpenedFile> open(FileName name) {
        asked.add(name);
        if (name.isEmpty()) {
            return new NotOpened<>(Problem.Kind.MISSING, "it has no name");
        }
        try {
            Path path = pathOf(name.isAbsolute() ? name : directory.concat(name));
            Optional<Map<String, Object>> attributes = attributes(path);
            if (attributes.isEmpty()) {
                return new NotOpened<>(Problem.Kind.MISSING, "it does not exist");
            }
            if (!Boolean.TRUE.equals(attributes.get().get("isRegularFile"))) {
                return new NotOpened<>(Problem.Kind.NOT_A_FILE, "it is not a regular file");
            }
            OpenedFile file = new OpenedFile(path, identity(attributes.get()));
            opened.add(file);
            return new Open<>(file);
        } catch (AccessDeniedException e) {
            return new NotOpened<>(Problem.Kind.UNREADABLE, "it may not be read");
        } catch (InvalidPathException e) {
            return new NotOpened<>(Problem.Kind.MISSING, "no file can have such a name");
        } catch (IOException e) {
            return new NotOpened<>(Problem.Kind.UNREADABLE, String.valueOf(e.getMessage()));
        }
    }

    /** The path with exactly these bytes; text would not do, since not all names are text. */
    public static Path pathOf(FileName absolute) {
        StringBuilder uri = new StringBuilder("file://");
        for (byte b : absolute.bytes()) {
            if (b == 0) {
                throw new InvalidPathException(absolute.printable(), "NUL");
            }
            if (b == '/' || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9')) {
                uri.append((char) b);
            } else {
                uri.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** The identity of the name's target; empty if that does not exist, or leads in a circle. */
    private static Optional<Map<String, Object>> attributes(Path path) throws IOException {
        try {
            return Optional.of(Files.readAttributes(path, "unix:dev,ino,isRegularFile"));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (FileSystemException e) {
            return Optional.empty();
        }
    }

    private static FileIdentity identity(Map<String, Object> attributes) {
        if (attributes.get("dev") instanceof Long device && attributes.get("ino") instanceof Long inode) {
            return new FileIdentity(device, inode);
        }
        throw new IllegalStateException("not a Unix file system: " + attributes);
    }

    /** A file, open for reading. */
    public static final class OpenedFile implements ImageFile {
        private final Path path;
        private final FileChannel channel;
        private final FileIdentity identity;
        private long bytesRead;
        private long reads;

        OpenedFile(Path path, FileIdentity identity) throws IOException {
            this.path = path;
            this.channel = FileChannel.open(path);
            this.identity = identity;
        }

        public Path path() {
            return path;
        }

        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public FileIdentity identity() {
            return identity;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            reads++;
            int got = Math.max(0, channel.read(target, position));
            bytesRead += got;
            return got;
        }

        @Override
        public boolean changed() throws IOException {
            return !attributes(path).map(DirectoryOpener::identity).equals(Optional.of(identity));
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
