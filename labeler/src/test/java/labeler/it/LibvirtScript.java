package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.IOUtils;

/**
 * A script with a libvirt and a service of its own: in namespaces, with empty directories in the places of this host's. It
 * prints a line for each fact, "ok TEXT" or "WRONG TEXT".
 */
final class LibvirtScript {
    /** Many commands of virsh; only ends a script that hangs. */
    private static final int LIMIT_MINUTES = 20;

    private final Path directory;
    private final String name;

    /**
     * Copies it.
     *
     * @param files that it needs beside it
     */
    LibvirtScript(Path directory, String name, String... files) throws IOException {
        this.directory = directory;
        this.name = name;
        copy(name);
        copy("libvirt-private.sh");
        for (String file : files) {
            copy(file);
        }
    }

    private void copy(String file) throws IOException {
        Files.write(directory.resolve(file), IOUtils.resourceToByteArray("/labeler/it/" + file));
    }

    /**
     * Runs it: every fact holds.
     *
     * @param last without this fact the script has not come to its end
     * @param arguments after the runnable tree
     */
    void holds(String last, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash"));
        command.add(directory.resolve(name).toString());
        command.add(ServiceFixture.DIST.toString());
        command.addAll(List.of(arguments));
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean isInTime;
        try {
            isInTime = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        } finally {
            process.destroyForcibly();
        }
        String seen = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        List<String> wrong =
                seen.lines().filter(line -> line.startsWith("WRONG")).toList();
        // They come first: a summary of many tests shows no more than the first line.
        assertThat(wrong).as("%s%n%s", String.join("; ", wrong), seen).isEmpty();
        assertThat(isInTime).as("it ends in time: %s", seen).isTrue();
        assertThat(seen).contains(last);
        assertThat(seen).doesNotContain("\tat ");
    }
}
