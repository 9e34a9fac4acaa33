package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The unit and the policy both confine the service, and must allow the same. */
class UnitTest {
    private static final Path UNITS = Path.of("src/main/dist/systemd");
    private static final Path POLICY = Path.of("../selinux-policy/labeler/50-service.cil");
    private static final Pattern RULE =
            Pattern.compile("\\(allow labelerd_t self \\(capability2? \\(([a-z_ ]+)\\)\\)\\)");

    private static Set<String> bounding(Path unit) throws IOException {
        Set<String> capabilities = new TreeSet<>();
        for (String line : Files.readAllLines(unit)) {
            if (line.startsWith("CapabilityBoundingSet=")) {
                capabilities.addAll(
                        List.of(line.substring(line.indexOf('=') + 1).split(" ", -1)));
            }
        }
        return capabilities;
    }

    private static Set<String> allowed(String cil) {
        Set<String> capabilities = new TreeSet<>();
        Matcher rule = RULE.matcher(cil);
        while (rule.find()) {
            Arrays.stream(rule.group(1).split(" ", -1))
                    .map(name -> "CAP_" + name.toUpperCase(Locale.ROOT))
                    .forEach(capabilities::add);
        }
        return capabilities;
    }

    private static Duration seconds(List<String> unit, String setting) {
        return unit.stream()
                .filter(line -> line.matches(setting + "=[0-9]+s"))
                .map(line -> line.substring(line.indexOf('=') + 1, line.length() - 1))
                .map(Long::parseLong)
                .map(Duration::ofSeconds)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_watchdog_waits_for_longer_than_the_slowest_clients_can_keep_its_request_out() throws IOException {
        List<String> unit = Files.readAllLines(UNITS.resolve("labelerd.service"));
        // The main process is the JVM: the launch script becomes it. Before that it has a program tell that it waits.
        assertThat(unit).contains("Type=notify", "Restart=on-failure", "NotifyAccess=all");
        assertThat(seconds(unit, "WatchdogSec").dividedBy(2)).isGreaterThan(Duration.ofSeconds(30));
    }

    /**
     * At a limit of starts systemd would end the socket too, and drop the connections of guarded domains. A client that
     * waits at the socket starts the service at once where it is not to be restarted: so it is, after wrong settings too.
     */
    @Test
    void a_start_that_fails_is_tried_again_after_a_pause_and_without_a_limit() throws IOException {
        List<String> unit = Files.readAllLines(UNITS.resolve("labelerd.service"));
        assertThat(unit.subList(unit.indexOf("[Unit]"), unit.indexOf("[Service]")))
                .contains("StartLimitIntervalSec=0");
        assertThat(unit).noneMatch(line -> line.startsWith("RestartPreventExitStatus="));
        assertThat(seconds(unit, "RestartSec")).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
    }

    /** The kernel's denials come by netlink, and only to the host's network namespace. */
    @Test
    void the_unit_and_the_policy_let_the_service_hear_the_kernels_denials() throws IOException {
        List<String> unit = Files.readAllLines(UNITS.resolve("labelerd.service"));
        assertThat(unit)
                .contains("RestrictAddressFamilies=AF_UNIX AF_NETLINK", "IPAddressDeny=any")
                .noneMatch(line -> line.startsWith("PrivateNetwork="));
        assertThat(Files.readString(POLICY))
                .containsPattern("\\(allow labelerd_t self \\(netlink_audit_socket \\([^)]*read");
    }

    @Test
    void the_unit_and_the_policy_give_the_service_the_same_capabilities() throws IOException {
        String cil = Files.readString(POLICY);
        int conditional = cil.indexOf("(booleanif labeler_open_as_user");
        int after = cil.indexOf("; To open /proc/PID/attr/current");
        Set<String> unit = bounding(UNITS.resolve("labelerd.service"));
        // Setting security.selinux needs it if the kernel has no SELinux, and so no policy.
        assertThat(unit.remove("CAP_SYS_ADMIN")).isTrue();
        assertThat(allowed(cil.substring(0, conditional) + cil.substring(after)))
                .isEqualTo(unit);
        assertThat(allowed(cil.substring(conditional, after)))
                .isEqualTo(bounding(UNITS.resolve("root-squash-owner.conf")))
                .containsExactlyInAnyOrder("CAP_SETUID", "CAP_SETGID");
    }
}
