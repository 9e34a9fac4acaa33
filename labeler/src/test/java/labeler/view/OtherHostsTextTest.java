package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import labeler.api.ClusterSamples;
import labeler.api.EventSamples;
import labeler.guard.record.AuditLine;
import org.junit.jupiter.api.Test;

/** Other hosts by name, in each text and picture. */
class OtherHostsTextTest {
    private static final InstantSource LATER = InstantSource.fixed(ClusterSamples.ASKED.plusSeconds(123));

    private static String printed(Consumer<Terminal> printing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        printing.accept(new Terminal(stream, stream, Colours.NONE));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_vm_shows_who_holds_its_file_as_well_and_how_old_that_is() {
        assertThat(printed(terminal -> new VmText(terminal, LATER).vm(ClusterSamples.vm(2))))
                .contains("  cluster  other hosts were asked 2m3s ago\n")
                .contains("also held by host-01, host-02\n");
    }

    @Test
    void a_thousand_hosts_are_counted() {
        assertThat(printed(terminal -> new VmText(terminal, LATER).vm(ClusterSamples.vm(90))))
                .contains("host-09, host-10 and 80 more hosts\n");
    }

    @Test
    void a_host_has_a_column_that_no_vm_has() {
        assertThat(printed(terminal -> new MatrixText(terminal, LATER).print(ClusterSamples.matrix(2))))
                .isEqualTo("""
                        web  @host-01  @host-02  FILE
                        r    held      held      /pool/base  system_u:object_r:svirt_image_t:s0:c12,c345
                        rw                       /pool/disk \s
                        rw: read and write, r: read, fd: only what was opened by others
                        @: another host, held: it holds the file; asked 2m3s ago
                        """);
    }

    @Test
    void more_hosts_than_fit_are_named_beside_the_file() {
        assertThat(printed(terminal -> new MatrixText(terminal, LATER).print(ClusterSamples.matrix(12))))
                .contains("web  FILE\n")
                .contains("s0:c12,c345  (also held by host-01,")
                .contains("host-10 and 2 more hosts)\n");
    }

    @Test
    void a_host_is_a_ring_in_the_picture() {
        String picture = new MatrixSvg(ClusterSamples.matrix(2)).text();

        assertThat(picture)
                .contains(">@host-02</text>")
                .contains("<title>host host-01 holds /pool/base</title></circle>")
                .doesNotContain("host host-01 holds /pool/disk")
                .contains("another host holds it");
        assertThat(new MatrixSvg(ClusterSamples.matrix(0)).text()).doesNotContain("<circle", "another host");
        assertThat(new MatrixSvg(ClusterSamples.matrix(30)).text()).contains("6 more hosts are not shown");
    }

    @Test
    void an_event_names_the_hosts() {
        AuditLine line = new AuditLine(4, Instant.EPOCH, EventSamples.heldElsewhere());

        assertThat(printed(terminal -> new EventText(terminal).print(line)))
                .contains("held elsewhere: files /vm/\\xe4 (read-only, held here by web); hosts beta, gamma");
    }
}
