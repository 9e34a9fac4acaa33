import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes the jars of a directory anew, with their entries stored and not compressed: the package is compressed as a whole,
 * which makes it half as large, and the JVM has nothing to unpack. The same entries give the same bytes.
 *
 * <p>Run by dev.d/package.bash: {@code java StoredJars.java DIRECTORY SECONDS}, with the time of all entries.
 */
final class StoredJars {
    private final long milliseconds;

    private StoredJars(long milliseconds) {
        this.milliseconds = milliseconds;
    }

    public static void main(String[] arguments) throws IOException {
        StoredJars jars = new StoredJars(Long.parseLong(arguments[1]) * 1000);
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
            for (Path jar : directory) {
                jars.store(jar);
            }
        }
    }

    private void store(Path jar) throws IOException {
        Path stored = jar.resolveSibling(jar.getFileName() + ".stored");
        try (ZipFile from = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(stored);
                ZipOutputStream to = new ZipOutputStream(file)) {
            to.setMethod(ZipOutputStream.STORED);
            // In their order, which has the manifest first, as its readers expect.
            for (ZipEntry entry : from.stream().toList()) {
                byte[] content;
                try (var in = from.getInputStream(entry)) {
                    content = in.readAllBytes();
                }
                to.putNextEntry(stored(entry.getName(), content));
                to.write(content);
                to.closeEntry();
            }
        }
        // It has to be one that the JVM opens.
        new JarFile(stored.toFile()).close();
        Files.move(stored, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private ZipEntry stored(String name, byte[] content) {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(milliseconds);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(sum.getValue());
        return entry;
    }
}
