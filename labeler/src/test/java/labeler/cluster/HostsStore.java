package labeler.cluster;

import java.io.IOException;
import java.util.List;
import labeler.etcd.EtcdMembers;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.etcd.ModelledEtcd;

/** The etcd of many hosts: three real members, or a model of it, which serves more hosts than those can on one machine. */
sealed interface HostsStore extends AutoCloseable {
    /** A way of one client's own. */
    Members way(int client) throws IOException;

    /** Of a member's database; zero where there is none. */
    long megabytes() throws IOException;

    @Override
    void close() throws IOException;

    record Real(EtcdMembers members) implements HostsStore {
        /** A member keeps each change until it is told that nobody asks for old ones. */
        static Real started() throws IOException {
            return new Real(EtcdMembers.start(List.of(
                    "--unsafe-no-fsync",
                    "--auto-compaction-mode=revision",
                    "--auto-compaction-retention=1000",
                    "--quota-backend-bytes=" + (8L << 30))));
        }

        @Override
        public Members way(int client) throws IOException {
            return Gateway.to(members.settings(client % EtcdMembers.MEMBERS));
        }

        @Override
        public long megabytes() throws IOException {
            return members.databaseBytes(0) >> 20;
        }

        @Override
        public void close() throws IOException {
            members.close();
        }
    }

    record Modelled(ModelledEtcd etcd) implements HostsStore {
        @Override
        public Members way(int client) {
            return etcd;
        }

        @Override
        public long megabytes() {
            return 0;
        }

        @Override
        public void close() {
            etcd.close();
        }
    }
}
