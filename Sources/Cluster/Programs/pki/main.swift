PKI.main()
