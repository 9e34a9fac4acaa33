package labeler.guard.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class StartingDomainsTest {
    private static final VmName WEB1 = new VmName("web1");
    private static final VmName WEB2 = new VmName("web2");
    private static final Optional<SecurityContext> CHOSEN = SecurityContext.parse("system_u:system_r:svirt_t:s0:c1,c2");

    private final StartingDomains starting = new StartingDomains(name ->
            Optional.ofNullable(Map.of(WEB1, new Pid(11), WEB2, new Pid(22)).get(name)));

    private static PeerIdentity process(int pid, String context) {
        return new PeerIdentity(
                new Pid(pid),
                Optional.empty(),
                107,
                107,
                Set.of(),
                context.isEmpty() ? Optional.empty() : Optional.of(context.getBytes(StandardCharsets.UTF_8)));
    }

    private static StartingDomain domain(VmName name, Optional<SecurityContext> libvirts) {
        return new StartingDomain(name, libvirts, libvirts.isPresent(), Optional.empty(), true);
    }

    @Test
    void a_process_is_the_domain_that_its_pid_file_says_and_once() {
        starting.announce(domain(WEB1, Optional.empty()));
        starting.announce(domain(WEB2, Optional.empty()));

        assertThat(starting.take(process(33, ""))).isEmpty();
        assertThat(starting.take(process(22, ""))).map(StartingDomain::name).contains(WEB2);
        assertThat(starting.take(process(22, ""))).isEmpty();
        assertThat(starting.take(process(11, ""))).map(StartingDomain::name).contains(WEB1);
    }

    @Test
    void a_domain_that_is_not_announced_or_is_over_is_none() {
        assertThat(starting.take(process(11, ""))).isEmpty();
        starting.announce(domain(WEB1, Optional.empty()));
        starting.withdraw(WEB1);
        assertThat(starting.take(process(11, ""))).isEmpty();
    }

    @Test
    void at_another_level_than_libvirt_chose_it_is_not_its_process() {
        starting.announce(domain(WEB1, CHOSEN));

        assertThat(starting.take(process(11, "system_u:system_r:svirt_t:s0:c3,c4")))
                .isEmpty();
        assertThat(starting.take(process(11, "system_u:system_r:svirt_t:s0"))).isEmpty();
        assertThat(starting.take(process(11, "system_u:system_r:svirt_tcg_t:s0:c1,c2")))
                .isPresent();
    }
}
