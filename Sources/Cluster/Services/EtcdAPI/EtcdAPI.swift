// The messages and services of etcd's v3 API, generated from Protos/*.proto and committed (no plugin runs in a build).
// Made anew, in Protos/, with protoc and the two plugins of swift-protobuf 1.39.0 and grpc-swift-protobuf 2.4.1:
//   protoc -I. --swift_opt=Visibility=Public --swift_out=../Generated \
//     --grpc-swift-2_opt=Visibility=Public --grpc-swift-2_out=../Generated kv.proto rpc.proto
