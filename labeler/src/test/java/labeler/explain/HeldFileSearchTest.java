package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.jna.JnaLinux;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldFileSearchTest {
    private final Linux linux = JnaLinux.create();
    private final FileSystemWork work = new FileSystemWork(linux.fileSystems(), WaitLimits.DEFAULT);
    private final HeldFileSearch search = new HeldFileSearch(linux.open(), linux.attributes(), work, List.of());

    @TempDir
    Path directory;

    @AfterEach
    void end() {
        work.close();
    }

    private Facts.File denied(Path file) {
        Denial denial = AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  { read } for"
                        + " pid=12 comm=\"qemu\" path=\"" + file + "\" dev=\"vda1\" ino=12"
                        + " scontext=system_u:system_r:svirt_t:s0:c1,c101 tcontext=system_u:object_r:shadow_t:s0"
                        + " tclass=file permissive=0"))
                .denials()
                .getFirst();
        return Objects.requireNonNull(search.denied(List.of(denial)).get(denial));
    }

    /** Where SELinux enforces, the look would be denied and logged: one more denial for each that is explained. */
    @Test
    void a_file_that_no_vm_holds_is_not_looked_at_because_a_denial_names_it() throws IOException {
        Path file = Files.createFile(directory.resolve("secret"));

        assertThat(denied(file).look()).isEqualTo(new Look.NotLooked());
        assertThat(search.named(HostPath.of(file)).look()).isInstanceOf(Look.Present.class);
    }
}
